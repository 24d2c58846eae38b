// The run page while the run goes on: asks for what is new, and puts it in the place of what stood there.
// Opened lines stay open, the focus stays where it was; a hidden page asks nothing; a finished run ends it.
const EVERY = 700;

async function ask() {
  const live = document.getElementById("live");
  if (document.hidden || live.dataset.live !== "yes") return;
  const answer = await fetch(`${live.dataset.events}?after=${live.dataset.last}`, { credentials: "same-origin" });
  if (answer.status === 200) replace(live, await answer.text());
}

function replace(live, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const next = page.getElementById("live");
  if (!next) return;
  const open = [...live.querySelectorAll("details[open]")].map((one) => one.id);
  const known = new Set([...live.querySelectorAll("li[id]")].map((one) => one.id));
  const focused = document.activeElement.closest("details")?.id;
  for (const id of open) next.querySelector(`#${id}`)?.setAttribute("open", "");
  for (const row of next.querySelectorAll("li[id]")) row.classList.toggle("new", !known.has(row.id));
  live.replaceWith(next);
  if (focused) document.querySelector(`#${focused} > summary`)?.focus({ preventScroll: true });
  const told = document.getElementById("told");
  if (told.textContent !== next.dataset.told) told.textContent = next.dataset.told;
}

async function watch() {
  try {
    await ask();
  } catch {
    // the client stopped, or sleeps: the next turn asks again
  }
  const over = document.getElementById("live").dataset.live !== "yes";
  if (over) location.reload(); // the parts below are counted once, at the end
  else setTimeout(watch, EVERY);
}

if (document.getElementById("live")?.dataset.live === "yes") setTimeout(watch, EVERY);
