({ pseudo, phone }) => {
  const OWN = '[role=row] [role=gridcell], li > button, button.value, [role=combobox], kbd, [role=treeitem], [lang]:not(html), .chip, .letter, iframe, [data-people], .watermark';
  const shown = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !one.closest('[inert]');
  const told = (one) => `${one.tagName.toLowerCase()}.${one.className?.baseVal ?? one.className} ${(one.innerText || one.getAttribute('aria-label') || '').replace(/\s+/g, ' ').slice(0, 70)}`;
  // An open modal dialog is all there is to look at.
  const modal = [...document.querySelectorAll('dialog:modal')].at(-1);
  const root = modal ?? document.body;
  const all = [...root.querySelectorAll('*')].filter(shown);
  const box = (one) => one.getBoundingClientRect();
  const inside = (one) => box(one).width > 1 && box(one).right > 0 && box(one).left < innerWidth;
  const hidden = (one) => one.closest('.hidden-text, .skip') !== null;

  const words = all.filter((one) => one.matches('button, nav a, [role=tab], [role=radio], [role=menuitem], h1, h2, h3, label, legend, th, [role=columnheader]'));
  const cut = all.filter((one) => {
    if (hidden(one) || !inside(one) || one.clientWidth < 2 || one.matches('input, textarea, iframe, canvas, svg *, option')) return false;
    const style = getComputedStyle(one);
    const wide = one.scrollWidth > one.clientWidth + 1 && ['hidden', 'clip'].includes(style.overflowX);
    const high = one.scrollHeight > one.clientHeight + 4 && ['hidden', 'clip'].includes(style.overflowY) && one.clientHeight > 0;
    // Asked last, for it reads all that the element holds: whether there are words at all.
    if (!(wide || high) || !one.innerText?.trim()) return false;
    // Its words end in an ellipsis and are told elsewhere: by a title, or on opening what they name.
    const ends = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
    if (ends) return !(pseudo && one.matches('h1')) && words.some((word) => word === one || word.contains(one)) && !one.closest(OWN + ', .rail li, [title]');
    return !one.closest('[role=grid]') && one.children.length < 12;
  });
  const over = words.filter((one) => inside(one) && !hidden(one) && !one.closest(OWN) && getComputedStyle(one).whiteSpace === 'nowrap' &&
    getComputedStyle(one).overflowX === 'visible' && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && getComputedStyle(one).display !== 'inline');
  const beyond = all.filter((one) => one.matches('dialog, [role=dialog], [role=menu], [popover], [role=listbox], [role=alertdialog]') && one.innerText?.trim())
    .filter((one) => { const { left, right, top, bottom, width } = box(one); return width > 0 && (left < -1 || right > innerWidth + 1 || top < -1 || bottom > innerHeight + 1) && !one.closest('main .list'); });
  const small = all.filter((one) => one.matches('button, [role=button], [role=menuitem], [role=tab], select, input:not([type=hidden])') && !hidden(one) && inside(one))
    .filter((one) => { const { width: w, height: h } = box(one), more = one.matches('.checkbox') ? parseFloat(getComputedStyle(one, '::after').width) || 0 : 0; const width = Math.max(w, more), height = Math.max(h, more); return (width < 23.5 || height < 23.5) && !(one.matches('input') && (one.type === 'file' || one.closest('label'))) && !one.closest('p, .chip, li > span'); });

  let foreign = [];
  if (pseudo) {
    // What people wrote at the demo is Korean; names of files, addresses and days are no words of the page.
    const plain = (text) => text.replace(/\[[^[\]]*~+\]/g, '').replace(/\S*[@.]\S*|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|Fwd:|China|vCard|CSV|PDF|Shift|Ctrl|Enter/g, '').match(/[A-Za-z]{3,}/g);
    foreign = words.filter((one) => !hidden(one) && !one.closest(OWN + ', .rail li a')).filter((one) => plain(one.innerText ?? '')).map(told);
    const hints = [...root.querySelectorAll('[placeholder], [aria-label], [title]')].filter(shown);
    for (const one of hints)
      for (const name of ['placeholder', 'aria-label', 'title']) {
        const text = one.getAttribute(name);
        if (text && !text.includes('~') && plain(text) && !one.closest(OWN + ', .rail li, article')) foreign.push(`${name}: ${text.slice(0, 80)}`);
      }
  }
  return {
    text: document.body.innerText,
    sideways: document.documentElement.scrollWidth > document.documentElement.clientWidth ? [document.documentElement.scrollWidth] : [],
    cut: cut.map(told), over: over.map(told), beyond: beyond.map(told), small: phone ? [] : small.map(told), foreign,
  };
}
