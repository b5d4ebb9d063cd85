//! The colours of the picture.

/// Every colour is written out twice instead of held in variables, which not all that draw SVG understand.
pub(super) const SHEET: &str = "\
.upbeat text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:#1f2328}
.upbeat .u-page{fill:#fff}
.upbeat .u-head{font-size:20px;font-weight:600}
.upbeat .u-lede{font-size:15px}
.upbeat .u-body{font-size:12px}
.upbeat .u-muted,.upbeat .u-next{fill:#59636e}
.upbeat .u-muted{font-size:12px}
.upbeat .u-small,.upbeat .u-tick,.upbeat .u-words{font-size:11px;fill:#59636e}
.upbeat .u-tick,.upbeat .u-words{font-variant-numeric:tabular-nums}
.upbeat .u-name{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px}
.upbeat .u-critical{font-weight:700}
.upbeat .u-code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:.95em}
.upbeat .u-first{fill:#cf222e}
.upbeat .u-bad{fill:#cf222e}
.upbeat .u-grid{stroke:#eaeef2;fill:none}
.upbeat .u-knee{stroke:#afb8c1;fill:none;stroke-dasharray:1 3}
.upbeat .u-link{stroke:#afb8c1;fill:none}
.upbeat .u-wait{stroke:#afb8c1;fill:none;stroke-width:1.5;stroke-dasharray:1.5 4;stroke-linecap:round}
.upbeat .u-grace{fill:#cfe3f7}
.upbeat .u-retries{fill:#fbe3a6}
.upbeat .u-verdict{fill:#f8cdc8}
.upbeat .u-startup{fill:#0969da}
.upbeat .u-late{fill:#bc4c00}
.upbeat .u-healthy{fill:#1f883d}
.upbeat .u-cut{stroke:#fff;fill:none}
.upbeat .u-step{font-size:9px;font-weight:600;fill:#fff}
.upbeat .u-next-start{fill:#1f2328}
.upbeat .u-probe{stroke:#8c959f;fill:none}
.upbeat .u-counted{stroke:#bf8700;fill:none;stroke-width:1.5}
.upbeat .u-found{fill:#1f883d}
.upbeat .u-line{stroke:#8c959f;fill:none;stroke-width:1.5;stroke-dasharray:4 3}
.upbeat .u-flag{font-size:11px;fill:#59636e}
.upbeat .u-badge{fill:#6e7781}
.upbeat .u-letter{font-size:11px;font-weight:600;fill:#fff}
.upbeat .u-line.u-maybe{stroke:#bc4c00}
.upbeat .u-line.u-sure{stroke:#cf222e;stroke-dasharray:none}
.upbeat .u-flag.u-maybe{fill:#bc4c00}
.upbeat .u-flag.u-sure{fill:#cf222e}
.upbeat .u-badge.u-maybe{fill:#bc4c00}
.upbeat .u-badge.u-sure{fill:#cf222e}
@media (prefers-color-scheme:dark){
.upbeat text{fill:#e6edf3}
.upbeat .u-page{fill:#0d1117}
.upbeat .u-muted,.upbeat .u-next,.upbeat .u-small,.upbeat .u-tick,.upbeat .u-words,.upbeat .u-flag{fill:#9198a1}
.upbeat .u-bad,.upbeat .u-first{fill:#ff7b72}
.upbeat .u-grid{stroke:#21262d}
.upbeat .u-knee,.upbeat .u-link,.upbeat .u-wait{stroke:#484f58}
.upbeat .u-grace{fill:#16324f}
.upbeat .u-retries{fill:#4d3b0d}
.upbeat .u-verdict{fill:#5c2324}
.upbeat .u-startup{fill:#388bfd}
.upbeat .u-late{fill:#db6d28}
.upbeat .u-healthy{fill:#2ea043}
.upbeat .u-cut{stroke:#0d1117}
.upbeat .u-step{fill:#0d1117}
.upbeat .u-next-start{fill:#e6edf3}
.upbeat .u-probe{stroke:#6e7681}
.upbeat .u-counted{stroke:#d29922}
.upbeat .u-found{fill:#3fb950}
.upbeat .u-line{stroke:#6e7681}
.upbeat .u-badge{fill:#6e7681}
.upbeat .u-letter{fill:#0d1117}
.upbeat .u-line.u-maybe{stroke:#f0883e}
.upbeat .u-line.u-sure{stroke:#ff7b72}
.upbeat .u-flag.u-maybe{fill:#f0883e}
.upbeat .u-flag.u-sure{fill:#ff7b72}
.upbeat .u-badge.u-maybe{fill:#f0883e}
.upbeat .u-badge.u-sure{fill:#ff7b72}
}
";
