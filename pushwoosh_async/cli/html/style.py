"""How does a report look, on light, on dark and on paper? Its one style sheet.

Every colour of a shape stands out against its ground by 3 to 1 or more, every text by 4.5 to 1 or more,
on both grounds; and no two things are told apart by colour alone.
"""

_LIGHT = """
--ground:#fff;--panel:#f6f7f9;--text:#1b1f24;--soft:#57606a;--rule:#d5dae0;--link:#0b5cad;
--accepted:#1f7a4d;--in-doubt:#b45f06;--rejected:#b3261e;--not-sent:#6e7781;--invalid:#7b4fa3;
--duplicates:#3b73a8;--first:#3b73a8;--repeat:#b45f06;--limited:#7b4fa3;--doubt:#b45f06;
--half:#1f7a4d;--nine:#3b73a8;--most:#b3261e;
"""

_DARK = """
--ground:#14171a;--panel:#1d2125;--text:#e6e9ec;--soft:#a3acb5;--rule:#3a4149;--link:#79b8ff;
--accepted:#4cb782;--in-doubt:#e39a3b;--rejected:#f2766b;--not-sent:#9aa4ae;--invalid:#b892dd;
--duplicates:#74ace0;--first:#74ace0;--repeat:#e39a3b;--limited:#b892dd;--doubt:#e39a3b;
--half:#4cb782;--nine:#74ace0;--most:#f2766b;
"""

_LOOKS = ("accepted", "in-doubt", "rejected", "not-sent", "invalid", "duplicates", "first", "repeat",
          "limited", "doubt")  # fmt: skip

_FILLS = "".join(f".{look}{{fill:var(--{look})}}\n" for look in _LOOKS)

_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);line-height:1.5;overflow-wrap:anywhere;
 font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.25;margin:0}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
h3{font-size:1rem;margin:0}
p{margin:.5rem 0}
section>p{max-width:48rem}
header p,figcaption p{color:var(--soft)}
.verdict{font-size:1.1rem}
code{font-family:ui-monospace,"Liberation Mono",monospace;font-size:.875em}
.bar{display:block;width:100%;height:2.25rem;margin:1rem 0}
.part{stroke:var(--ground);stroke-width:1px;vector-effect:non-scaling-stroke}
.scroll{overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding-bottom:.4rem;caption-side:top}
th,td{text-align:left;vertical-align:top;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--rule);
 font-weight:400;overflow-wrap:normal}
.number{text-align:right;white-space:nowrap}
td:not(.number){min-width:14rem}
td code{white-space:nowrap}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}
tbody th{white-space:nowrap}
tfoot th,tfoot td{font-weight:600;border-bottom:0}
figure{margin:1.75rem 0;break-inside:avoid}
figcaption p{margin:.15rem 0}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1.25rem;margin:.25rem 0 .75rem;padding:0;
 font-size:.875rem}
.swatch{width:16px;height:12px}
.chart{display:grid;grid-template-columns:4.25rem 1fr;column-gap:.5rem;margin-right:.5rem}
.chart svg{display:block;width:100%;overflow:visible}
.chart text{fill:var(--soft);font-size:12px}
.upright,.plot{height:10rem}
.upright text{text-anchor:end;dominant-baseline:middle}
.lying{grid-column:2;height:34px}
.fill{shape-rendering:crispEdges}
.grid,.line{fill:none;vector-effect:non-scaling-stroke}
.grid{stroke:var(--rule);stroke-width:1px}
.line{stroke-width:2px}
.line-half{stroke:var(--half)}
.line-nine{stroke:var(--nine);stroke-dasharray:6 3}
.line-most{stroke:var(--most);stroke-dasharray:2 3}
.hint{fill:transparent}
.hint:hover{fill:var(--text);fill-opacity:.12}
.pause{fill:var(--panel);stroke:var(--soft);stroke-width:1px;stroke-dasharray:3 3;
 vector-effect:non-scaling-stroke}
summary{cursor:pointer;color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
dl{margin:0}
dl div{display:grid;grid-template-columns:9rem 1fr;padding:.3rem 0;border-bottom:1px solid var(--rule)}
dt{color:var(--soft)}
dd{margin:0}
@media (max-width:36rem){
main{padding-top:1rem}
.chart{grid-template-columns:3.25rem 1fr;margin-right:0}
.chart text{font-size:11px}
dl div{grid-template-columns:7rem 1fr}
}
"""

_PRINT = """
main{max-width:none;padding:0}
h2,caption{break-after:avoid}
tr{break-inside:avoid}
.scroll{overflow:visible}
svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
summary,.hint{display:none}
"""

STYLE = (
    f":root{{color-scheme:light dark;{_LIGHT}}}\n"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_DARK}}}}}\n"
    f"{_RULES}{_FILLS}"
    "@media (forced-colors:active){svg{forced-color-adjust:none}}\n"
    f"@media print{{{_PRINT}}}\n"
)
