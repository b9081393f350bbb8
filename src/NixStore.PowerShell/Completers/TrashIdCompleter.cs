using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Engine.Stores;
using NixStore.Engine.Trash;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes the collections that have something in the trash of the store that <c>-Store</c> names. Never throws.</summary>
public sealed class TrashIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = (wordToComplete ?? "").Trim('\'', '"');
        try
        {
            return [.. StoreTrash.List(StoreLocator.Locate(fakeBoundParameters?["Store"] as string), _ => { })
                .GroupBy(item => item.Id).Where(collection => collection.Key.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Select(collection => new CompletionResult(
                    collection.Key, collection.Key, CompletionResultType.ParameterValue, $"{collection.Count()} things, {collection.Min(item => item.TrashedTime):u}"))];
        }
        catch (Exception)
        {
            // No store, no permission: then there is nothing to propose, and nothing a prompt should say.
            return [];
        }
    }
}
