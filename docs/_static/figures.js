/* A tap on a figure shows it whole: on a phone a figure is narrower than it was drawn. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const figures = "article .cell_output img, article img.sphx-glr-single-img";
  for (const image of document.querySelectorAll(figures)) {
    const link = document.createElement("a");
    link.href = image.src;
    link.className = "whole-figure";
    image.replaceWith(link);
    link.append(image);
  }
});
