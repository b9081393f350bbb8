using System.Globalization;

namespace NixStore.Engine.Reporting;

/// <summary>Findings on a page: how many of which severity in which part of the store, then each part with the worst first.</summary>
internal static class FindingTables
{
    /// <summary>So many of a kind are shown one by one; of the others it is said how many there are.</summary>
    internal const int MostOfAKind = 1000;

    private static readonly StoreFindingSeverity[] s_severities = [StoreFindingSeverity.Error, StoreFindingSeverity.Warning, StoreFindingSeverity.Information];

    /// <summary>Writes them.</summary>
    /// <param name="page">The page.</param>
    /// <param name="findings">The findings.</param>
    /// <param name="none">What to say when there are none.</param>
    /// <param name="withRemedies">True to say what can be done about each.</param>
    internal static void Write(HtmlWriter page, IReadOnlyList<StoreFinding> findings, string none, bool withRemedies)
    {
        if (findings.Count == 0)
        {
            page.Element("p", none);
            return;
        }

        var areas = findings.GroupBy(finding => finding.Area).OrderBy(area => area.Key).ToList();
        WriteSummary(page, areas);
        foreach (var area in areas)
        {
            page.Element("h3", NameOf(area.Key));
            WriteArea(page, area, withRemedies);
        }
    }

    private static void WriteSummary(HtmlWriter page, List<IGrouping<StoreFindingArea, StoreFinding>> areas) => page.Element("table", "facts", () =>
    {
        page.Element("thead", null, () => page.Element("tr", null, () =>
        {
            page.Element("th", "Part of the store");
            foreach (var severity in s_severities)
            {
                page.Element("th", NameOf(severity), "number");
            }
        }));
        page.Element("tbody", null, () =>
        {
            foreach (var area in areas)
            {
                page.Element("tr", null, () =>
                {
                    page.Element("th", NameOf(area.Key));
                    foreach (var severity in s_severities)
                    {
                        page.Element("td", string.Create(CultureInfo.InvariantCulture, $"{area.Count(finding => finding.Severity == severity):N0}"), "number");
                    }
                });
            }
        });
    });

    private static void WriteArea(HtmlWriter page, IEnumerable<StoreFinding> findings, bool withRemedies) => page.Element("table", null, () =>
    {
        page.Element("thead", null, () => page.Element("tr", null, () =>
        {
            page.Element("th", "Severity");
            page.Element("th", "What");
            page.Element("th", "Where and how");
            if (withRemedies)
            {
                page.Element("th", "What can be done");
            }
        }));
        page.Element("tbody", null, () =>
        {
            var kinds = findings.GroupBy(finding => (finding.Severity, finding.Kind))
                .OrderByDescending(kind => kind.Key.Severity).ThenBy(kind => kind.Key.Kind, StringComparer.Ordinal);
            foreach (var kind in kinds)
            {
                WriteKind(page, [.. kind], withRemedies);
            }
        });
    });

    private static void WriteKind(HtmlWriter page, List<StoreFinding> findings, bool withRemedies)
    {
        foreach (var finding in findings.Take(MostOfAKind))
        {
            page.Element("tr", null, () =>
            {
                page.Element("td", NameOf(finding.Severity), $"word {StyleOf(finding.Severity)}");
                page.Element("td", finding.Kind, "word");
                page.Element("td", null, () => WriteSubject(page, finding.Path, finding.Detail));
                if (withRemedies)
                {
                    page.Element("td", finding.Remedy ?? "");
                }
            });
        }

        if (findings.Count > MostOfAKind)
        {
            page.Element("tr", null, () =>
            {
                page.Element("td", NameOf(findings[0].Severity), $"word {StyleOf(findings[0].Severity)}");
                page.Element("td", findings[0].Kind, "word");
                page.Element("td", string.Create(CultureInfo.InvariantCulture, $"… and {findings.Count - MostOfAKind:N0} more of this kind, which are not shown here."), "dim");
                if (withRemedies)
                {
                    page.Element("td", "");
                }
            });
        }
    }

    /// <summary>The path, unless the sentence names it, and the sentence.</summary>
    internal static void WriteSubject(HtmlWriter page, string? path, string detail)
    {
        if (path is not null && !detail.Contains(path, StringComparison.Ordinal))
        {
            page.Element("code", path);
            page.Text(" ");
        }

        page.Text(detail);
    }

    private static string NameOf(StoreFindingArea area) => area switch
    {
        StoreFindingArea.Disk => "Disk and mounts",
        StoreFindingArea.Database => "Database",
        StoreFindingArea.Path => "Paths",
        StoreFindingArea.Link => "Links of the optimised store",
        StoreFindingArea.Root => "Roots",
        StoreFindingArea.State => "State directory",
        _ => throw new ArgumentOutOfRangeException(nameof(area), area, null),
    };

    private static string NameOf(StoreFindingSeverity severity) => severity.ToString();

    private static string StyleOf(StoreFindingSeverity severity) => severity switch
    {
        StoreFindingSeverity.Error => "bad",
        StoreFindingSeverity.Warning => "warn",
        _ => "dim",
    };
}
