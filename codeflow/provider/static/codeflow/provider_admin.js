/* Copy buttons for codeflow's pages in the admin. Without it, a click on a value selects it whole. */
for (const value of navigator.clipboard ? document.querySelectorAll(".codeflow-copy") : []) {
  const [copy, copied] = value.dataset.words.split("|");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "codeflow-copy-button";
  button.textContent = copy;
  button.setAttribute("aria-live", "polite");
  if (value.id) button.setAttribute("aria-describedby", value.id);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(value.dataset.copy || value.textContent);
    button.textContent = copied;
    setTimeout(() => { button.textContent = copy; }, 2000);
  });
  value.after(button);
}
