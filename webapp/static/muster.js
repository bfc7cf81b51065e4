// Extras for forms. Everything works without this file.
"use strict";
(() => {
  for (const form of document.querySelectorAll("form[data-watch]")) {
    let changed = false;
    let sending = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", (event) => {
      if (sending) { event.preventDefault(); return; }
      sending = true;
      changed = false;
      setTimeout(() => { sending = false; }, 5000);
    });
    addEventListener("beforeunload", (event) => { if (changed) { event.preventDefault(); } });
    addEventListener("pageshow", () => { sending = false; });
  }
  for (const area of document.querySelectorAll("textarea[data-limit]")) {
    const limit = Number(area.dataset.limit);
    const left = document.createElement("p");
    left.className = "hint";
    left.setAttribute("role", "status");
    area.after(left);
    const count = () => {
      const over = area.value.trim().length - limit;
      left.textContent = over > 0 ? over + " too many" : over > -100 ? -over + " left" : "";
    };
    area.addEventListener("input", count);
    count();
  }
  for (const field of document.querySelectorAll("select")) {
    const places = document.querySelectorAll('[data-value-of="' + field.id + '"]');
    field.addEventListener("input", () => {
      for (const place of places) { place.textContent = field.value; }
    });
  }
})();
