// What any script on the page could do with a token in the address: read it, and use it.
const show = document.getElementById("show-hash");
const use = document.getElementById("use-hash");
const hash = document.getElementById("hash");
const notes = document.getElementById("notes");
const token = new URLSearchParams(location.hash.slice(1)).get("access_token");

show.hidden = false;
show.addEventListener("click", () => {
  hash.textContent = location.hash || "(no token in this address)";
  hash.hidden = false;
  use.hidden = !token;
});
use.addEventListener("click", async () => {
  const answer = await fetch(use.dataset.api, {
    headers: { Authorization: `Bearer ${token}` },
  });
  notes.textContent = `${answer.status}\n${await answer.text()}`;
  notes.hidden = false;
});
