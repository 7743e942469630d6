// The browser's own storage. A person may have forbidden it, and it may be full: no function here throws.

/** Return "localStorage" or "sessionStorage", or null where the browser forbids it. */
export function openStorage(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

/** Return the text stored under `key`, or null. */
export function readText(storage, key) {
  try {
    return storage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

/** Store `text` under `key`. Return whether the storage took it. */
export function writeText(storage, key, text) {
  try {
    storage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

/** Return the value stored as JSON under `key`, or null: also where another program wrote the entry. */
export function readJson(storage, key) {
  try {
    return JSON.parse(readText(storage, key) ?? "null");
  } catch {
    return null;
  }
}

/** Store `value` as JSON under `key`. Return whether the storage took it. */
export function writeJson(storage, key, value) {
  return writeText(storage, key, JSON.stringify(value));
}
