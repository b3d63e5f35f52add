// The page is the same for everybody: who looks at it is filled in here.
const response = await fetch("/session", { cache: "no-store" });
const { sub } = await response.json();
document.querySelector("#caller").textContent = sub ?? "a guest";
