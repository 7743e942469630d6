// Moments in the visitor's own time; the server writes them in UTC, for those without scripts.

const { lang } = document.documentElement;
const locale = lang === "en" ? "en-GB" : lang; // the order of day and month that the server uses
const form = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

function update() {
  for (const time of document.querySelectorAll("time[data-with=time]")) {
    time.title = time.dateTime;
    time.textContent = form.format(new Date(time.dateTime));
  }
  for (const title of document.querySelectorAll("title[data-at]")) {
    title.textContent = `${form.format(new Date(title.dataset.at))}: ${title.dataset.count}`;
  }
}

document.addEventListener("refreshed", update);
update();
