// A switch that hides or shows the readings over kanji; the choice stays on this device.
const KEY = "kairo.furigana";
const words = { ja: ["ふりがなをかくす", "ふりがなをつける"], en: ["Hide furigana", "Show furigana"] };
const [hide, show] = words[document.documentElement.lang.startsWith("ja") ? "ja" : "en"];

const root = document.documentElement;
const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
const store = (value) => { try { localStorage.setItem(KEY, value); } catch { /* not kept, still works */ } };

const button = document.createElement("button");
button.type = "button";
button.className = "button button-plain button-small furigana-switch";
function apply(hidden) {
  root.classList.toggle("no-furigana", hidden);
  button.textContent = hidden ? show : hide;
  button.setAttribute("aria-pressed", String(!hidden));
}
button.addEventListener("click", () => {
  const hidden = !root.classList.contains("no-furigana");
  store(hidden ? "hidden" : "shown");
  apply(hidden);
});
apply(stored() === "hidden");
document.querySelector(".site-tools")?.append(button);
