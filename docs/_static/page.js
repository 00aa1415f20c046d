/* What every page does in the browser. A plain script: it also works from a disk. */
"use strict";

/* What waits for a choice of the reader may be hidden (rnnedu.css). */
document.documentElement.classList.add("js");

/* A tap on a figure shows it whole: on a phone a figure is narrower than it was drawn. */
function letFiguresOpen() {
  const figures = "article .cell_output img, article img.sphx-glr-single-img";
  for (const image of document.querySelectorAll(figures)) {
    const link = document.createElement("a");
    link.href = image.src;
    image.replaceWith(link);
    link.append(image);
  }
}

/* The theme's arrows that unfold a part of the side bar say nothing to a screen reader. */
function nameArrows() {
  for (const arrow of document.querySelectorAll("nav details > summary:not([aria-label])")) {
    const part = arrow.closest("li").querySelector("a");
    arrow.setAttribute("aria-label", `Pages of: ${part.textContent.trim()}`);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  letFiguresOpen();
  nameArrows();
});
