// Extras for forms and for a round that runs. Everything works without this file.
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
  for (const form of document.querySelectorAll("form[data-working]")) {
    const told = document.createElement("p");
    told.className = "working";
    told.setAttribute("role", "status");
    form.append(told);
    form.addEventListener("submit", () => { told.textContent = form.dataset.working; });
    addEventListener("pageshow", () => { told.textContent = ""; });
  }
  for (const field of document.querySelectorAll("select")) {
    const places = document.querySelectorAll('[data-value-of="' + field.id + '"]');
    field.addEventListener("input", () => {
      for (const place of places) { place.textContent = field.value; }
    });
  }
  for (const button of document.querySelectorAll("button[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).innerText.trim());
      button.textContent = "Copied";
    });
  }
  const moving = () => document.querySelector("[data-moving]");
  const refresh = async () => {
    if (document.hidden || !moving()) { return; }
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) { return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-fresh]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || part.contains(document.activeElement)) { continue; }
      if (part.innerHTML !== fresh.innerHTML) { part.innerHTML = fresh.innerHTML; }
      part.toggleAttribute("data-moving", fresh.hasAttribute("data-moving"));
    }
  };
  if (moving()) { setInterval(() => { refresh().catch(() => {}); }, 30000); }
})();
