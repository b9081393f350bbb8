using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Catalog.Pruning.Classes;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes names of classes of paths: those that come with the module, and those of the files that are given. Never throws.</summary>
public sealed class PruneClassCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = wordToComplete.Trim('\'', '"');
        return [.. Known(fakeBoundParameters["ClassPath"] ?? fakeBoundParameters["Path"]).Where(item => item.Name.Contains(word, StringComparison.OrdinalIgnoreCase))
            .Select(item => new CompletionResult(item.Name, item.Name, CompletionResultType.ParameterValue, item.Description.Length > 0 ? item.Description : item.Name))];
    }

    private static IReadOnlyList<BinaryCachePruneClass> Known(object? paths)
    {
        try
        {
            return PruneClasses.With(LanguagePrimitives.TryConvertTo<string[]>(paths, out var files) ? files ?? [] : []);
        }
        catch (NixStoreException)
        {
            return PruneClasses.Default;
        }
    }
}
