using System.Globalization;

namespace NixStore.Engine.Reporting;

/// <summary>What is on the page of a repair: the verdict, what was wrong, what was done, what is left, and how to undo it.</summary>
/// <param name="page">The page.</param>
/// <param name="report">What was found and done.</param>
internal sealed class RepairReportContents(HtmlWriter page, NixStoreRepair report)
{
    private int Serious => report.Remaining.Count(finding => finding.Severity != StoreFindingSeverity.Information);

    private string Title => report.IsApplied ? $"Repair of the store {report.Store}" : $"Plan for the repair of the store {report.Store}";

    /// <summary>Writes all of it.</summary>
    internal void Write() => page.Element("html", null, () =>
    {
        page.Head(Title, ReportStyle.Sheet);
        page.Element("body", null, () =>
        {
            page.Element("h1", Title);
            WriteVerdict();
            WriteFacts();
            page.Element("h2", "What was wrong");
            FindingTables.Write(page, report.Findings, "Nothing was found to be wrong.", withRemedies: false);
            page.Element("h2", report.IsApplied ? "What was done" : "What would be done");
            StepTables.Write(page, report.Steps);
            page.Element("h2", report.IsApplied ? "What is left" : "What it would leave");
            FindingTables.Write(page, report.Remaining, "Nothing is left.", withRemedies: true);
            page.Element("h2", "How to undo it");
            UndoText.Write(page, report);
        });
    });

    private void WriteVerdict()
    {
        var failed = report.Steps.Count(step => step.Outcome == StoreRepairStepOutcome.Failed);
        if (!report.IsApplied)
        {
            page.Element("p", $"This is a plan: nothing was changed. Of what matters it would leave {(Serious == 0 ? "nothing" : Count(Serious, "thing"))}.",
                Serious == 0 ? "verdict good" : "verdict warn");
        }
        else if (report.IsHealthy)
        {
            page.Element("p", failed == 0 ? "Nothing that matters is wrong with the store any more."
                : $"Nothing that matters is wrong with the store any more, though {Count(failed, "step")} failed on the way.", "verdict good");
        }
        else
        {
            page.Element("p", $"The store is not whole: {Count(Serious, "thing")} could not be mended; see what is left, below.", "verdict bad");
        }
    }

    private void WriteFacts() => page.Element("table", "facts", () => page.Element("tbody", null, () =>
    {
        Fact("Store", report.Store);
        Fact("Begun", report.StartTime.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        Fact("Took", string.Create(CultureInfo.InvariantCulture, $"{report.Duration.TotalSeconds:N1} s"));
        Fact("Found", string.Create(CultureInfo.InvariantCulture, $"{report.Findings.Count:N0}"));
        Fact(report.IsApplied ? "Steps" : "Planned steps", string.Create(CultureInfo.InvariantCulture, $"{report.Steps.Count:N0}"));
        Fact("Left that matters", string.Create(CultureInfo.InvariantCulture, $"{Serious:N0}"));
        Fact("Paths repaired", string.Create(CultureInfo.InvariantCulture, $"{report.PathsRepaired:N0}"));
        Fact("Paths set aside", string.Create(CultureInfo.InvariantCulture, $"{report.PathsSetAside:N0}"));
        Fact("Written", ByteSize.Format(report.BytesWritten));
    }));

    private void Fact(string name, string value) => page.Element("tr", null, () =>
    {
        page.Element("th", name);
        page.Element("td", value);
    });

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {what}{(number == 1 ? "" : "s")}");
}
