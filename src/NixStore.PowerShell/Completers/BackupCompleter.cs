using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Engine.Backups;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes backups: those in the default place of the store that <c>-Store</c> names, newest first, and else files. Never throws.</summary>
public sealed class BackupCompleter : InStoreCompleter
{
    /// <inheritdoc/>
    private protected override IReadOnlyList<CompletionResult> Complete(string word, StoreLocation store)
    {
        var backups = DatabaseBackups.List(DatabaseBackups.DirectoryOf(store), _ => { }).Reverse()
            .Where(backup => backup.Path.StartsWith(word, StringComparison.Ordinal) || backup.Id.StartsWith(word, StringComparison.Ordinal))
            .Select(backup => new CompletionResult(
                $"'{CodeGeneration.EscapeSingleQuotedStringContent(backup.Path)}'", backup.Id, CompletionResultType.ParameterValue,
                string.Create(CultureInfo.InvariantCulture, $"{backup.Created.LocalDateTime:yyyy-MM-dd HH:mm:ss}, {backup.Rows} rows")))
            .ToList();
        return backups.Count > 0 ? backups : [.. CompletionCompleters.CompleteFilename(word)];
    }
}
