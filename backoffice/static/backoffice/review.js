// The review of a document: its pages, how they lie, the keys, and the hold on it while somebody works.
// Without this script the pages are links, the picture is as wide as its window, and the forms work.
(() => {
  const review = document.getElementById("review");
  if (!review) return;
  for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;

  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const ask = (values) => {
    const body = new URLSearchParams({ csrfmiddlewaretoken: token(), ...values });
    return fetch(review.dataset.url, { method: "POST", body, credentials: "same-origin" });
  };

  // The page as it lies: its width in parts of the window, and its quarter turns.
  const sheet = document.getElementById("review-page");
  const picture = document.getElementById("picture");
  const STEPS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
  let zoom = 1;
  let turns = 0;

  const lay = () => {
    if (!picture?.naturalWidth) return;
    const lying = turns % 2 === 1;
    const { naturalWidth, naturalHeight } = picture;
    const width = sheet.parentElement.clientWidth * zoom;
    const scale = width / (lying ? naturalHeight : naturalWidth);
    picture.style.width = `${naturalWidth * scale}px`;
    picture.style.height = `${naturalHeight * scale}px`;
    picture.style.transform = `translate(-50%, -50%) rotate(${turns * 90}deg)`;
    sheet.style.width = `${width}px`;
    sheet.style.height = `${(lying ? naturalWidth : naturalHeight) * scale}px`;
    sheet.classList.add("review-laid");
    document.getElementById("zoom-told").textContent = `${Math.round(zoom * 100)}\u00a0%`;
  };
  const magnify = (step) => {
    const here = STEPS.indexOf(zoom);
    zoom = STEPS[Math.min(Math.max(here + step, 0), STEPS.length - 1)];
    lay();
  };
  const loupe = () => {
    zoom = zoom === 1 ? 2 : 1;
    lay();
  };
  const turn = () => {
    turns = (turns + 1) % 4;
    lay();
  };
  const widen = () => {
    const wide = review.classList.toggle("review-wide");
    document.querySelector("[data-tool=wide]").setAttribute("aria-pressed", String(wide));
    lay();
  };
  const TOOLS = { in: () => magnify(1), out: () => magnify(-1), turn, wide: widen };
  for (const button of document.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", TOOLS[button.dataset.tool]);
  }

  // Each page is asked for by a fresh link, since the one before it was good for a minute.
  let asked = 0;
  const show = async (number) => {
    const mine = (asked += 1);
    const answer = await ask({ do: "page", number }).catch(() => null);
    if (mine !== asked) return;
    if (!answer?.ok) {
      document.getElementById("picture-problem").hidden = false;
      return;
    }
    const { link } = await answer.json();
    if (mine !== asked) return;
    picture.dataset.number = number;
    picture.src = link;
    picture.alt = picture.alt.replace(/\d+$/, number);
    document.getElementById("page-number").textContent = number;
    for (const way of document.querySelectorAll("[data-page]")) {
      const to = number + Number(way.dataset.page);
      way.toggleAttribute("aria-disabled", to < 1 || to > Number(picture.dataset.pages));
    }
  };
  const leaf = (step) => {
    if (!picture) return;
    const number = Number(picture.dataset.number) + step;
    if (number >= 1 && number <= Number(picture.dataset.pages)) show(number);
  };
  for (const way of document.querySelectorAll("[data-page]")) {
    way.addEventListener("click", (event) => {
      event.preventDefault();
      leaf(Number(way.dataset.page));
    });
  }
  if (picture) {
    const problem = document.getElementById("picture-problem");
    const shown = () => {
      problem.hidden = true;
      lay();
    };
    const failed = () => {
      problem.hidden = false;
    };
    picture.addEventListener("load", shown);
    picture.addEventListener("error", failed);
    if (picture.complete) (picture.naturalWidth ? shown : failed)();
    new ResizeObserver(lay).observe(sheet.parentElement);
  }

  // The hold on the document, renewed while somebody works and given back when they leave.
  let worked = false;
  let leaving = false;
  let held = "claimed" in review.dataset;
  const claim = document.getElementById("claim");
  const lost = (why) => {
    document.getElementById("claim-text").textContent = why;
    claim.classList.add("review-lost");
  };
  if (held) {
    const words = document.getElementById("claim-text").innerHTML;
    let ends = Date.now() + 1000 * Number(claim.dataset.seconds);
    for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "input"]) {
      document.addEventListener(kind, () => { worked = true; }, { passive: true });
    }
    const renew = async () => {
      worked = false;
      const answer = await ask({ do: "renew" }).catch(() => null);
      const told = await answer?.json().catch(() => null);
      if (!told) return;
      if (!answer.ok) {
        held = false;
        lost(told.why);
        return;
      }
      // Whoever comes back after a pause has it again, where nobody took it.
      ends = Date.now() + 1000 * told.seconds;
      claim.classList.remove("review-lost");
      document.getElementById("claim-text").innerHTML = words;
      document.getElementById("claim-until").textContent = told.until;
    };
    setInterval(() => {
      if (!held) return;
      if (worked) renew();
      else if (Date.now() > ends) lost(claim.dataset.lost);
    }, 60_000);
    // The page that was shown anew gave the document back as it went, after this one was asked for.
    const [shown] = performance.getEntriesByType("navigation");
    if (shown?.type === "reload") setTimeout(renew, 500);
    // A form that is sent is no leaving: what is decided is given back by the decision.
    document.addEventListener("submit", () => { leaving = true; });
    window.addEventListener("pagehide", () => {
      if (!held || leaving) return;
      const body = new URLSearchParams({ csrfmiddlewaretoken: token(), do: "release" });
      navigator.sendBeacon(review.dataset.url, body);
    });
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  // Single keys, which can be switched off and which are silent while somebody types or a dialog is open.
  const keys = document.getElementById("keys");
  keys.checked = localStorage.getItem("pratik-review-keys") !== "off";
  keys.addEventListener("change", () => localStorage.setItem("pratik-review-keys", keys.checked ? "on" : "off"));
  const press = (id) => document.getElementById(id)?.click();
  const KEYS = {
    a: () => press("approve"),
    r: () => document.getElementById("id_reject-why")?.focus(),
    n: () => document.getElementById("next-form").requestSubmit(),
  };
  const VIEW_KEYS = {
    z: loupe,
    "+": () => magnify(1),
    "=": () => magnify(1),
    "-": () => magnify(-1),
    t: turn,
    l: widen,
    ArrowLeft: () => leaf(-1),
    ArrowRight: () => leaf(1),
  };
  document.addEventListener("keydown", (event) => {
    if (!keys.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const here = event.target;
    if (here.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    if (document.querySelector('[data-trap="true"]')) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // A magnified page is scrolled by the arrows.
    if (name.startsWith("Arrow") && here.id === "review-window" && zoom > 1) return;
    const act = (event.repeat ? null : KEYS[name]) || (picture ? VIEW_KEYS[name] : null);
    if (!act) return;
    event.preventDefault();
    act();
  });

  // What was refused is where one goes on.
  const wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
})();
