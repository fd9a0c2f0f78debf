// Says the value under the finger or pointer. The numbers themselves stand in the table of the chart, for everyone.
for (const figure of document.querySelectorAll("[data-chart]")) {
  const tip = document.createElement("p");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  figure.append(tip);
  let near = null;

  const leave = () => {
    near?.classList.remove("is-near");
    near = null;
    tip.hidden = true;
  };

  const closest = (picture, x, y) => {
    let best = null;
    let distance = 44;
    for (const mark of picture.querySelectorAll("[data-tip]")) {
      const box = mark.getBoundingClientRect();
      const dx = Math.max(box.left - x, 0, x - box.right);
      const dy = Math.max(box.top - y, 0, y - box.bottom);
      const away = Math.hypot(dx, dy);
      if (away < distance) [best, distance] = [mark, away];
    }
    return best;
  };

  for (const picture of figure.querySelectorAll(".chart-picture")) {
    picture.addEventListener("pointermove", (event) => {
      const mark = closest(picture, event.clientX, event.clientY);
      if (mark === near) return;
      leave();
      if (!mark) return;
      near = mark;
      mark.classList.add("is-near");
      tip.textContent = mark.dataset.tip;
      tip.hidden = false;
      const frame = figure.getBoundingClientRect();
      const box = mark.getBoundingClientRect();
      const left = box.left + box.width / 2 - frame.left - tip.offsetWidth / 2;
      tip.style.left = `${Math.min(Math.max(left, 0), frame.width - tip.offsetWidth)}px`;
      tip.style.top = `${Math.max(box.top - frame.top - tip.offsetHeight - 10, 0)}px`;
    });
    picture.addEventListener("pointerleave", leave);
  }
}
