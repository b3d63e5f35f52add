// The page is the same for everybody: who looks at it is filled in here.
const caller = document.querySelector("#caller");

async function showCaller() {
  const { sub } = await fetch("/session", { cache: "no-store" })
    .then((response) => response.json())
    .catch(() => ({ sub: "not known: the shop did not answer" }));
  caller.textContent = sub ?? "a guest";
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void showCaller();
});
// Kept by the browser for its Back, the page must not come back with another's name.
window.addEventListener("pagehide", () => {
  caller.textContent = "…";
});
window.addEventListener("pageshow", () => void showCaller());
if (document.readyState === "complete") void showCaller();
