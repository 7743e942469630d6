// The one script of every page: what all pages need, and the module that <body data-page> names. The next page finds it in the cache.

import "./currentLink.js";
import "./menu.js";
import "./moments.js";

const PAGES = {
  charts: () => import("./charts.js"),
  contribute: () => import("./contribute.js"),
  dataset: () => import("./dataset.js"),
  drawing: () => import("./drawing.js"),
  mine: () => import("./mine.js"),
  read: () => import("./read.js"),
  recognise: () => import("./recognise.js"),
  reference: () => import("./reference.js"),
  setWithoutModel: () => import("./setWithoutModel.js"),
};

PAGES[document.body.dataset.page]?.();
// When the page is there, it is kept for a time without a connection.
addEventListener("load", () => import("./keepOffline.js"));
