// htmx and its event streams, for pages that exchange parts of themselves; adds our CSRF token to what it sends.
import { vendor } from "./kairo.js";

document.body.addEventListener("htmx:config:request", (event) => {
  const token = document.body.dataset.csrf;
  const headers = event.detail?.ctx?.request?.headers;
  if (token && headers) headers["x-csrftoken"] = token;
});
await import(`${vendor}htmx/htmx.esm.js`);
await import(`${vendor}htmx/hx-sse.js`);
