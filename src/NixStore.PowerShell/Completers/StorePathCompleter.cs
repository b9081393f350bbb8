using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using NixStore.Engine.Database;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Completers;

/// <summary>
/// Completes store paths by the beginning of their hash or by a part of their name, from the database of the store that <c>-Store</c>
/// names. Gives few results and gives up early: a prompt must not hang on a large store. Never throws.
/// </summary>
public sealed class StorePathCompleter : IArgumentCompleter
{
    private const int MaximumResults = 50;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(150);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Complete((wordToComplete ?? "").Trim('\'', '"'), fakeBoundParameters?["Store"] as string);
        }
        catch (Exception)
        {
            // No store, no database, no permission: then there is nothing to propose, and nothing a prompt should say.
            return [];
        }
    }

    private static List<CompletionResult> Complete(string word, string? storeName)
    {
        var store = StoreLocator.Locate(storeName is ['.' or '~', ..] && Runspace.DefaultRunspace is { } runspace
            ? runspace.SessionStateProxy.Path.GetUnresolvedProviderPathFromPSPath(storeName) : storeName);
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
