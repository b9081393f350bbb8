namespace NixStore.Engine.Reporting;

/// <summary>How a report looks: on a screen, light or dark as the reader has it, and on paper.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet. It has nothing that XML would encode: inside of a style element HTML takes text as it is.</summary>
    internal const string Sheet = """

        :root { color-scheme: light dark; --text: #1d232b; --dim: #5a6573; --back: #ffffff; --line: #d5dae1; --head: #f1f3f6;
          --good: #17663a; --warn: #8a5a00; --bad: #a61b1b; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #dfe4ea; --dim: #9aa5b1; --back: #14181d; --line: #333b45; --head: #1e242b; --good: #6ecf95; --warn: #e6b450; --bad: #ff8a80; } }
        @media print {
          :root { color-scheme: light; --text: #000000; --dim: #444444; --back: #ffffff; --line: #999999; --head: #eeeeee;
            --good: #17663a; --warn: #8a5a00; --bad: #a61b1b; }
          body { max-width: none; padding: 0; font-size: 9pt; } h2, h3 { break-after: avoid; } tr { break-inside: avoid; } thead { display: table-header-group; } }
        body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--back); color: var(--text);
          font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.25rem; margin: 2.2rem 0 .5rem; border-bottom: 2px solid var(--line); }
        h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
        .verdict { border: 2px solid currentColor; border-radius: .4rem; padding: .6rem .9rem; font-weight: 600; }
        .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .dim { color: var(--dim); }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid var(--line); }
        th { background: var(--head); } td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
        td.word { white-space: nowrap; } table.facts { width: auto; } table.facts th { white-space: nowrap; }
        code { font: .9em/1.4 ui-monospace, monospace; } p.command { background: var(--head); padding: .5rem .7rem; border-radius: .3rem; }

        """;
}
