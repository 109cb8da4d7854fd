// What a mark of a figure says, beside the pointer.

function figureTips(tip) {
  const marks = "svg [role='graphics-symbol'][aria-label]:not([aria-roledescription='axis'], [aria-roledescription='legend'])";
  document.addEventListener("pointermove", (event) => {
    const mark = event.target instanceof Element ? event.target.closest(marks) : null;
    tip.hidden = mark === null;
    if (!mark) return;
    tip.textContent = mark.getAttribute("aria-label");
    const room = document.documentElement.clientWidth - tip.offsetWidth - 12;
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, room))}px`;
    tip.style.top = `${event.clientY + 16}px`;
  });
}
