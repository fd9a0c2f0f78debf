// Long series with uPlot in place of the drawn picture: every point, and a stretch to look closer at by dragging.
import { vendor, language } from "./kairo.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = `${vendor}uplot/uPlot.css`;

async function draw(figure) {
  const data = JSON.parse(figure.querySelector("script[data-long-data]").textContent);
  const { default: Plot } = await import(`${vendor}uplot/uPlot.js`);
  document.head.append(sheet);
  await new Promise((done) => (sheet.sheet ? done() : sheet.addEventListener("load", done, { once: true })));
  const holder = document.createElement("div");
  holder.className = "long";
  figure.querySelector(".chart-picture").before(holder);
  const font = `16px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { font, stroke: token("--ink-soft"), grid: { stroke: token("--line-soft") }, ticks: { show: false } };
  const two = (number) => String(number).padStart(2, "0");
  const words = (moment) => `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${moment.getHours()}:${two(moment.getMinutes())}${seconds(moment)}`;
  const zone = (seconds) => Plot.tzDate(new Date(seconds * 1000), "Asia/Tokyo");
  const span = data.times.at(-1) - data.times[0];
  const seconds = (moment) => (span < 1200 ? `:${two(moment.getSeconds())}` : "");
  const short = (moment) => (span > 2 * 86400 ? `${moment.getMonth() + 1}/${moment.getDate()}` : `${moment.getHours()}:${two(moment.getMinutes())}${seconds(moment)}`);
  const dashes = [[], [10, 5], [3, 4], [12, 4, 3, 4], [6, 6], [2, 6]];
  const width = () => Math.min(holder.clientWidth, 928);
  const height = () => (width() < 640 ? 240 : 320);
  const plot = new Plot({
    width: width(), height: height(), tzDate: zone,
    series: [
      { label: language === "en" ? "Time" : "日時", value: (_, seconds) => (seconds === null ? "－" : words(zone(seconds))) },
      ...data.series.map((each, index) => ({
        label: each.label, stroke: token(`--chart-${index + 1}`), width: 2, dash: dashes[index], spanGaps: false,
        value: (_, value) => (value === null || value === undefined ? "－" : `${value.toLocaleString("ja-JP")} ${data.unit}`),
      })),
    ],
    axes: [{ ...axis, values: (_, splits) => splits.map((each) => short(zone(each))), space: 70 }, { ...axis, size: 52 }],
    cursor: { drag: { x: true, y: false } },
  }, [data.times, ...data.series.map((each) => each.values)], holder);
  figure.classList.add("is-long");
  new ResizeObserver(() => plot.setSize({ width: width(), height: height() })).observe(figure);
}

const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    draw(target).catch((problem) => console.warn("long series:", problem));
  }
}, { rootMargin: "300px" });
for (const figure of document.querySelectorAll("[data-long]")) watcher.observe(figure);
