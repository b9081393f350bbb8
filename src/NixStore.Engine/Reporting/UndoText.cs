using System.Globalization;

namespace NixStore.Engine.Reporting;

/// <summary>How what a repair did can be taken back, on a page.</summary>
internal static class UndoText
{
    /// <summary>Writes it.</summary>
    internal static void Write(HtmlWriter page, NixStoreRepair report)
    {
        if (!report.IsApplied)
        {
            page.Element("p", "Nothing was changed, so there is nothing to undo.");
            return;
        }

        if (report.Backup is { } backup)
        {
            page.Element("p", $"Before any path was changed, the database was backed up to {backup}. To go back to that, fitted to the files as they are by then:");
            Command(page, $"Restore-StoreDatabase -Path {Quote(backup)} -Store {Quote(report.Store)} -WhatIf");
            page.Element("p", "Without -WhatIf it is done.", "dim");
        }

        if (report.ReplacedDatabase is { } replaced)
        {
            page.Element("p", $"The database that was replaced is kept, as it was, in {replaced}. Remove that directory when all is well; until then it is what an "
                + "expert needs for another attempt.");
        }

        if (report.PathsSetAside > 0)
        {
            page.Element("p", string.Create(CultureInfo.InvariantCulture,
                $"{report.PathsSetAside:N0} entries of the store that nothing needs were set aside in its trash. To see them, and to bring them back:"));
            Command(page, $"Get-StoreTrash -Store {Quote(report.Store)}");
            Command(page, $"Get-StoreTrash -Store {Quote(report.Store)} | Restore-StoreTrash -SkipVerification -Store {Quote(report.Store)}");
        }

        page.Element("p", "Files of a path are only exchanged for contents that have the registered hash, which there is no reason to undo.");
    }

    private static void Command(HtmlWriter page, string command) => page.Element("p", "command", () => page.Element("code", command));

    /// <summary>As PowerShell takes it for text alone, whichever of its quotes is in there.</summary>
    private static string Quote(string text)
        => $"'{string.Concat(text.Select(letter => letter is '\'' or '\u2018' or '\u2019' or '\u201a' or '\u201b' ? $"{letter}{letter}" : $"{letter}"))}'";
}
