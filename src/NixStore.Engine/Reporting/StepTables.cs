using System.Globalization;

namespace NixStore.Engine.Reporting;

/// <summary>Steps on a page: how many of each kind, then one after another with where what was written comes from and how sure it is.</summary>
internal static class StepTables
{
    /// <summary>So many of a kind are shown one by one, and as many of those that failed.</summary>
    internal const int MostOfAKind = 1000;

    private const string Legend = "How sure: Proved — the path's own name or a trusted signature vouches for it. Certain — there is no other possibility, or two that do "
        + "not know of each other agree. Assumed — the best that the files say. Unknown — left empty.";

    /// <summary>Writes them.</summary>
    /// <param name="page">The page.</param>
    /// <param name="steps">The steps, in order.</param>
    internal static void Write(HtmlWriter page, IReadOnlyList<StoreRepairStep> steps)
    {
        if (steps.Count == 0)
        {
            page.Element("p", "Nothing.");
            return;
        }

        var shown = Choose(steps);
        WriteSummary(page, steps, shown);
        page.Element("h3", "In order");
        page.Element("p", Legend, "dim");
        WriteSteps(page, shown);
        if (shown.Count < steps.Count)
        {
            page.Element("p", string.Create(CultureInfo.InvariantCulture,
                $"{steps.Count - shown.Count:N0} more steps are not shown here: of each kind only the first {MostOfAKind:N0} are, and as many of those that failed."), "dim");
        }
    }

    private static List<StoreRepairStep> Choose(IReadOnlyList<StoreRepairStep> steps)
    {
        var counts = new Dictionary<(StoreRepairStepKind, bool), int>();
        return [.. steps.Where(step =>
        {
            var key = (step.Kind, step.Outcome == StoreRepairStepOutcome.Failed);
            return (counts[key] = counts.GetValueOrDefault(key) + 1) <= MostOfAKind;
        })];
    }

    private static void WriteSummary(HtmlWriter page, IReadOnlyList<StoreRepairStep> steps, List<StoreRepairStep> shown)
    {
        var outcomes = Enum.GetValues<StoreRepairStepOutcome>().Where(outcome => steps.Any(step => step.Outcome == outcome)).ToList();
        var shownCounts = shown.CountBy(step => step.Kind).ToDictionary();
        page.Element("table", "facts", () =>
        {
            page.Element("thead", null, () => page.Element("tr", null, () =>
            {
                page.Element("th", "What");
                foreach (var outcome in outcomes)
                {
                    page.Element("th", outcome.ToString(), "number");
                }

                page.Element("th", "Shown below", "number");
            }));
            page.Element("tbody", null, () =>
            {
                foreach (var kind in steps.GroupBy(step => step.Kind))
                {
                    page.Element("tr", null, () =>
                    {
                        page.Element("th", NameOf(kind.Key));
                        foreach (var outcome in outcomes)
                        {
                            page.Element("td", Number(kind.Count(step => step.Outcome == outcome)), "number");
                        }

                        page.Element("td", Number(shownCounts.GetValueOrDefault(kind.Key)), "number");
                    });
                }
            });
        });
    }

    private static void WriteSteps(HtmlWriter page, List<StoreRepairStep> steps) => page.Element("table", null, () =>
    {
        page.Element("thead", null, () => page.Element("tr", null, () =>
        {
            page.Element("th", "No.", "number");
            foreach (var title in (string[])["What", "How", "From", "How sure", "Outcome"])
            {
                page.Element("th", title);
            }
        }));
        page.Element("tbody", null, () =>
        {
            foreach (var step in steps)
            {
                page.Element("tr", null, () => WriteStep(page, step));
            }
        });
    });

    private static void WriteStep(HtmlWriter page, StoreRepairStep step)
    {
        page.Element("td", Number(step.Number), "number");
        page.Element("td", NameOf(step.Kind), "word");
        page.Element("td", null, () => FindingTables.WriteSubject(page, step.Path, step.Detail));
        page.Element("td", step.Source ?? "");
        page.Element("td", step.Certainty?.ToString() ?? "", "word");
        page.Element("td", null, () =>
        {
            page.Element("span", step.Outcome.ToString(), StyleOf(step.Outcome));
            if (step.Error is { } error)
            {
                page.Text($": {error}");
            }
        });
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string StyleOf(StoreRepairStepOutcome outcome) => outcome switch
    {
        StoreRepairStepOutcome.Done => "good",
        StoreRepairStepOutcome.Failed => "bad",
        _ => "dim",
    };

    private static string NameOf(StoreRepairStepKind kind) => kind switch
    {
        StoreRepairStepKind.BackUpDatabase => "Back up the database",
        StoreRepairStepKind.SalvageRows => "Salvage rows",
        StoreRepairStepKind.RestoreRow => "Restore a row",
        StoreRepairStepKind.MendRow => "Mend a row",
        StoreRepairStepKind.MendReferences => "Mend references",
        StoreRepairStepKind.MendOutputs => "Mend outputs",
        StoreRepairStepKind.DropRow => "Drop a row",
        StoreRepairStepKind.Reindex => "Make indices anew",
        StoreRepairStepKind.Vacuum => "Give back free pages",
        StoreRepairStepKind.WriteSchema => "Write the schema file",
        StoreRepairStepKind.ReplaceDatabase => "Replace the database",
        StoreRepairStepKind.SetAside => "Set a path aside",
        StoreRepairStepKind.RepairPath => "Repair a path",
        StoreRepairStepKind.MendLink => "Mend a link",
        StoreRepairStepKind.MendRoot => "Mend a root",
        StoreRepairStepKind.MendState => "Mend the state directory",
        StoreRepairStepKind.Verify => "Verify",
        _ => kind.ToString(),
    };
}
