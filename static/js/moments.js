// Moments in the visitor's own time; the server writes them in UTC, for those without scripts.

const { lang } = document.documentElement;
const locale = lang === "en" ? "en-GB" : lang; // the order of day and month that the server uses
const form = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const hour = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

function update() {
  for (const time of document.querySelectorAll("time[data-with=time]")) {
    time.title = time.dateTime;
    time.textContent = form.format(new Date(time.dateTime));
  }
  for (const time of document.querySelectorAll("time[data-with=hour]")) {
    time.title = form.format(new Date(time.dateTime));
    time.textContent = hour.format(new Date(time.dateTime));
  }
  for (const end of document.querySelectorAll("tspan[data-at]")) end.textContent = hour.format(new Date(end.dataset.at));
  for (const title of document.querySelectorAll("title[data-at]")) {
    title.textContent = `${form.format(new Date(title.dataset.at))}: ${title.dataset.count}`;
  }
}

document.addEventListener("refreshed", update);
update();
