// Makes pages live. Everything here is also possible without it: forms post and redirect, and a
// reload shows what is new. A region with `data-live` is asked for again at that address when the
// server says that something changed; what a person is writing in it stays as it is.
"use strict";

(() => {
  const wait = document.body.classList.contains("panes-page") ? 0 : 800;

  // --- Bringing the page up to date ---------------------------------------------------------

  /** Make `old` look like `fresh`, touching only what differs, so that focus and drafts stay. */
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old.matches("form[data-live-form]") && isInUse(old)) return;
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !isState(old, name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value && !isState(old, name)) old.setAttribute(name, value);
    }
    morphChildren(old, fresh);
  }

  /** Attributes that the person sets by using the page. */
  const isState = (node, name) =>
    (node.tagName === "DETAILS" && name === "open") || (node.tagName === "INPUT" && name === "checked");

  const isInUse = (form) =>
    form.dataset.sending ||
    form.contains(document.activeElement) ||
    [...form.elements].some((field) => field.type !== "hidden" && field.value !== field.defaultValue && "defaultValue" in field);

  function morphChildren(old, fresh) {
    const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
    for (const child of [...old.children]) if (child.id && !wanted.has(child.id)) child.remove();
    const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    let at = old.firstChild;
    for (const next of [...fresh.childNodes]) {
      let match = null;
      if (next.id) match = known.get(next.id) || null;
      else if (at && !at.id && at.nodeName === next.nodeName) match = at;
      if (match && match.nodeName !== next.nodeName) match = null;
      if (!match) {
        old.insertBefore(document.importNode(next, true), at);
      } else {
        if (match === at) at = at.nextSibling;
        else old.insertBefore(match, at);
        morph(match, next);
      }
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  }

  function takeFrom(text, regions) {
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const region of regions) {
      const fresh = region.id && page.getElementById(region.id);
      if (fresh) morph(region, fresh);
    }
    localise(document);
    return page;
  }

  const liveRegions = () => [...document.querySelectorAll("[data-live]")];

  let asking = false;
  let again = false;
  async function refresh() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      await Promise.all(
        liveRegions().map(async (region) => {
          const answer = await fetch(region.dataset.live, { headers: { Accept: "text/html" } });
          if (answer.ok) takeFrom(await answer.text(), [region]);
        }),
      );
    } catch {
      again = false; // The server is away; the event stream comes back by itself and asks anew.
    }
    asking = false;
    if (again) {
      again = false;
      setTimeout(refresh, 150);
    }
  }

  // --- Events ------------------------------------------------------------------------------

  let events = null;
  let timer = 0;
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(refresh, 30 + Math.random() * wait);
  }

  function connect() {
    if (events || !liveRegions().length || document.hidden) return;
    let seen = document.body.dataset.seen;
    events = new EventSource("/live");
    events.addEventListener("hello", (event) => {
      if (seen !== event.data) soon();
      seen = event.data;
    });
    events.addEventListener("changed", (event) => {
      seen = event.data;
      soon();
    });
  }

  function disconnect() {
    if (events) events.close();
    events = null;
  }

  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => {
    if (event.persisted) refresh();
    connect();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return disconnect();
    refresh();
    connect();
  });
  setInterval(() => {
    if (!document.hidden && document.querySelector("[data-every]")) refresh();
  }, 2000);

  // --- Forms -------------------------------------------------------------------------------

  async function send(form, button) {
    if (form.dataset.sending) return;
    const fields = new URLSearchParams(new FormData(form, button));
    form.dataset.sending = "1";
    form.setAttribute("aria-busy", "true");
    let problem = "";
    let page = null;
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields });
      const text = await answer.text();
      if (answer.ok) page = text;
      else problem = problemIn(text);
    } catch {
      problem = "The server cannot be reached. Your text is still here; try again in a moment.";
    }
    delete form.dataset.sending;
    form.removeAttribute("aria-busy");
    if (page === null) return explain(form, problem);
    settle(form, page);
  }

  function problemIn(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const found = page.querySelector("[data-problem]");
    return found ? found.textContent.trim() : "That did not work. Nothing was stored.";
  }

  function explain(form, problem) {
    let line = form.querySelector(".problem");
    if (!line) {
      line = document.createElement("p");
      line.className = "problem";
      line.setAttribute("role", "alert");
      form.append(line);
    }
    line.textContent = problem;
  }

  /** It worked: empty the form, take its next id, and show what came of it. */
  function settle(form, text) {
    const held = form.contains(document.activeElement) ? document.activeElement : null;
    const near = [form.closest("details")?.querySelector("summary"), form.closest("[tabindex]"), form.closest(".composer")?.querySelector(".primary")];
    form.closest("details")?.removeAttribute("open");
    form.querySelector(".problem")?.remove();
    form.reset();
    held?.blur();
    const page = takeFrom(text, [...document.querySelectorAll("[data-live], [data-part]")]);
    const fresh = form.id && page.getElementById(form.id);
    const here = form.id && document.getElementById(form.id);
    if (fresh && here) {
      const next = document.importNode(fresh, true);
      here.replaceWith(next);
      if (!next.closest("details")) near.unshift(next.querySelector(held?.name === "text" ? "[name=text]" : "button"));
    }
    // Who uses keys goes on where they were, or near it if that is gone.
    if (held) near.find((one) => one?.isConnected)?.focus({ preventScroll: true });
    // The newest answer stands on top.
    form.closest(".composer")?.querySelector(".answers-scroll")?.scrollTo(0, 0);
    localise(document);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-live-form]")) return;
    event.preventDefault();
    send(form, event.submitter);
  });

  // --- Keys and times ----------------------------------------------------------------------

  const isTyping = (node) => node.matches("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "/" && !isTyping(event.target)) {
      event.preventDefault();
      document.getElementById("search").select();
      document.getElementById("search").focus();
    } else if (event.key === "Escape" && event.target.id === "search") {
      event.target.blur();
    } else if (event.key === "Enter" && !event.shiftKey && event.target.matches(".reply textarea")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const hour = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  /** Times in the reader's own zone. */
  function localise(root) {
    const today = new Date().toDateString();
    for (const node of root.querySelectorAll("time[data-clock]")) {
      const when = new Date(node.dateTime);
      const said = when.toDateString() === today ? hour.format(when) : clock.format(when);
      if (node.textContent !== said) node.textContent = said;
    }
  }

  localise(document);
  connect();
})();
