--- How the page looks: light and dark, on a desk and on a phone. The page allows this text by its hash and nothing
--- else, so nothing can be slipped in.
return [[
:root {
  color-scheme: light dark;
  --ground: #f4f6f8; --card: #fff; --ink: #17212b; --soft: #5a6672; --line: #dde3e9;
  --on: #2b6cd4; --off: #b9c4d0; --good: #17733f; --care: #8a5a00; --bad: #b3261e;
  --good-ground: #e3f4ea; --care-ground: #fdf0d5; --bad-ground: #fce8e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1419; --card: #181f27; --ink: #e7ecf1; --soft: #9aa7b4; --line: #2a343f;
    --on: #6ba1f2; --off: #4c5966; --good: #7fd6a1; --care: #efc067; --bad: #f59c94;
    --good-ground: #14301f; --care-ground: #35280d; --bad-ground: #3b1a17;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 68rem; padding: 1.5rem 1.25rem 3rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-bottom: 1rem; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -.01em; }
h2 { margin: 0; font-size: 1.05rem; }
p { margin: 0; }
.soft { color: var(--soft); }
header .soft { margin-left: auto; }
.note { margin-bottom: 1rem; padding: .7rem 1rem; border-radius: .6rem; }
.note.care { background: var(--care-ground); color: var(--care); }
.note.bad { background: var(--bad-ground); color: var(--bad); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 1rem; }
.tiles div, section { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; }
.tiles div { flex: 1 1 8.5rem; padding: .7rem .95rem .75rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-size: 1.55rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
section { padding: 1.1rem 1.2rem 1.2rem; margin-bottom: 1rem; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem; margin-bottom: .9rem; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin-left: auto; color: var(--soft); font-size: .85rem; }
.key span::before {
  content: ""; display: inline-block; width: .75em; height: .75em; margin-right: .4em; border-radius: 2px;
  background: var(--on);
}
.key .off::before { background: var(--off); }
svg { display: block; overflow: visible; }
svg .on { fill: var(--on); }
svg .off { fill: var(--off); }
svg .hit { fill: transparent; }
svg .day:hover .hit { fill: var(--line); opacity: .5; }
svg line { stroke: var(--line); }
svg text { fill: var(--soft); font-size: 12px; text-anchor: middle; font-variant-numeric: tabular-nums; }
svg .first { text-anchor: start; }
svg .count { fill: var(--ink); }
.sum { margin-top: .8rem; }
details { margin-top: .6rem; color: var(--soft); }
summary { cursor: pointer; width: max-content; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { color: var(--soft); font-size: .82rem; font-weight: 500; text-align: left; padding: 0 .8rem .4rem 0; }
td { padding: .5rem .8rem .5rem 0; border-top: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.right { text-align: right; white-space: nowrap; }
.stays { white-space: nowrap; }
.words { overflow-wrap: anywhere; }
code { font: .87em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.mark {
  display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .82rem; white-space: nowrap;
  background: var(--ground); color: var(--soft);
}
.mark.good { background: var(--good-ground); color: var(--good); }
.mark.care { background: var(--care-ground); color: var(--care); }
.mark.bad { background: var(--bad-ground); color: var(--bad); }
.key-of { display: block; font-size: .85rem; overflow-wrap: anywhere; }
details table { width: auto; margin-top: .5rem; }
details td, details th { padding: .15rem 1.2rem .15rem 0; }
footer { color: var(--soft); font-size: .85rem; }
@media (max-width: 44rem) {
  body { padding: 1rem .8rem 2rem; }
  header .soft, .key { margin-left: 0; flex-basis: 100%; }
  .tiles { gap: .6rem; }
  section { padding: .95rem .9rem; }
  svg text { font-size: 11px; }
  svg .wide, svg .many { display: none; }
  .rows, .rows tbody { display: block; }
  .rows thead { position: absolute; clip-path: inset(50%); height: 1px; width: 1px; overflow: hidden; }
  .rows tr { display: flex; flex-wrap: wrap; gap: .1rem .8rem; padding: .6rem 0; border-top: 1px solid var(--line); }
  .rows td { border: 0; padding: 0; }
  .rows .subject { order: -2; }
  .rows .state { order: -1; margin-left: auto; }
  .rows .plan { flex-basis: 100%; }
  .rows .right { margin-left: auto; }
  .rows .words { flex-basis: 100%; color: var(--soft); font-size: .85rem; }
}
]]
