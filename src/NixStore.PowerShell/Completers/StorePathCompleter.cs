using System.Management.Automation;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Completers;

/// <summary>
/// Completes store paths by the beginning of their hash or by a part of their name, from the database of the store that <c>-Store</c>
/// names. Gives few results and gives up early: a prompt must not hang on a large store. Never throws.
/// </summary>
public sealed class StorePathCompleter : InStoreCompleter
{
    private const int MaximumResults = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(150);

    /// <inheritdoc/>
    private protected override IReadOnlyList<CompletionResult> Complete(string word, StoreLocation store)
    {
        var directory = DirectoryOf(word, store);
        var name = directory is null || directory.Length > word.Length ? directory is null ? word : "" : word[directory.Length..];
        if (name.Contains('/'))
        {
            return [];
        }

        using var patience = new CancellationTokenSource(s_patience);
        using var database = StoreDatabase.OpenForReading(store);
        return [.. database.FindNames(name, MaximumResults, patience.Token).Select(found => new CompletionResult(
            directory + found, found, CompletionResultType.ParameterValue, $"{store.Directory.Path}/{found}"))];
    }

    /// <summary>What the user wrote for the store directory, slash included; null when it is a base name that is to be completed.</summary>
    private static string? DirectoryOf(string word, StoreLocation store)
    {
        foreach (var directory in (string[])[store.Directory.Path + "/", store.RealDirectory + "/"])
        {
            if (word.StartsWith(directory, StringComparison.Ordinal))
            {
                return directory;
            }

            if (word.Contains('/') && directory.StartsWith(word, StringComparison.Ordinal))
            {
                return word + directory[word.Length..];
            }
        }

        return null;
    }
}
