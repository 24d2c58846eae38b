// "Copy as curl" where a script may run; without one, the link beside it opens the same text.
const button = document.getElementById("copy-curl");

async function copy() {
  const said = document.getElementById("copied");
  try {
    const answer = await fetch(button.dataset.from, { credentials: "same-origin" });
    await navigator.clipboard.writeText(await answer.text());
    said.textContent = button.dataset.done;
  } catch {
    said.textContent = button.dataset.failed;
  }
}

button.hidden = false;
button.addEventListener("click", copy);
