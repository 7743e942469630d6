// The page of the API reference: Swagger UI shows the platform's own description, and sends the calls that somebody tries.
// The page loads it beside this script, and no other page does.

const place = document.getElementById("reference");
const dark = matchMedia("(prefers-color-scheme: dark)");
const shade = () => document.documentElement.classList.toggle("dark-mode", dark.matches);

dark.addEventListener("change", shade);
shade();
window.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true, // an address for each call
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null, // it would be a request to another site
});
