// How far the cluster is with something long: asked every second and a half, shown as it comes, and said aloud
// now and then. When there is something else to show, the page is loaded anew.
document.addEventListener("DOMContentLoaded", () => {
  const panel = document.getElementById("progress");
  if (!panel) return;
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const bar = part("bar");
  const EVERY = 1500;
  const AT_MOST = 15000;
  const SAID_EACH = 10;
  let wait = EVERY;
  let said = "";

  const say = (told) => {
    const step = Math.floor(told.share / SAID_EACH) * SAID_EACH;
    const share = told.share === null ? "" : `${step} ${panel.dataset.percent}`;
    const sentence = [told.now, share, told.warning].filter(Boolean).join(" ");
    if (sentence === said) return;
    said = sentence;
    part("aloud").textContent = sentence;
  };

  const show = (told) => {
    for (const name of ["now", "rows", "rate", "warning"]) {
      if (part(name).textContent !== told[name]) part(name).textContent = told[name];
    }
    part("warning").hidden = !told.warning;
    part("resume").hidden = !told.may_resume;
    part("cancel").hidden = !told.may_cancel;
    part("share").textContent = told.share === null ? "" : `${told.share}\u00a0%`;
    if (told.share === null) bar.removeAttribute("value");
    else bar.value = told.share;
    say(told);
  };

  const ask = async () => {
    try {
      const answer = await fetch(panel.dataset.address, { headers: { Accept: "application/json" } });
      // Signed out, or what is worked on is gone: the page itself says so.
      if (answer.redirected || answer.status === 403 || answer.status === 404) {
        window.location.reload();
        return;
      }
      if (!answer.ok) throw new Error(answer.status);
      const told = await answer.json();
      if (told.over) {
        window.location.reload();
        return;
      }
      show(told);
      wait = EVERY;
    } catch {
      // A network that is away for a moment: asked again, less and less often.
      wait = Math.min(wait * 2, AT_MOST);
    }
    window.setTimeout(ask, wait);
  };
  window.setTimeout(ask, EVERY);
});
