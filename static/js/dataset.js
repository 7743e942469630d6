// The page of the dataset: older drawings are added at the end of the gallery, and exports are followed.

import { Api } from "./api.js";
import { wireExports } from "./exportPanel.js";
import { wireGallery } from "./galleryPages.js";
import { wireImport } from "./importPanel.js";
import { page, t } from "./page.js";

const find = (selector) => document.querySelector(selector);

wireGallery(find("#gallery"), find("#more"), find("#gallery-status"), t);
const api = new Api(page.api);
wireExports(find("#exports"), api, page, t);
wireImport(find("#import-form"), api, page, t);
