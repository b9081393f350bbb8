using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Catalog.Pruning.Objects;
using NixStore.Catalog.Pruning.Trash;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes the plans that have something in the trash of the cache that <c>-BinaryCache</c> names. Never throws.</summary>
public sealed class TrashPlanCompleter : IArgumentCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            if (fakeBoundParameters["BinaryCache"]?.ToString() is not { Length: > 0 } cache)
            {
                return [];
            }

            using var stop = new CancellationTokenSource(s_patience);
            using var trash = CacheTrash.Open(cache.Contains("://", StringComparison.Ordinal) ? cache : "file://" + Path.GetFullPath(cache), fakeBoundParameters["TrashUrl"]?.ToString(),
                new ObjectAccess { MaximumAttempts = 1 }, stop.Token);
            return [.. trash.PlanIds(stop.Token).Where(plan => plan.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase)).Select(plan => new CompletionResult(plan))];
        }
        catch (Exception error) when (error is NixStoreException or OperationCanceledException or IOException)
        {
            return [];
        }
    }
}
