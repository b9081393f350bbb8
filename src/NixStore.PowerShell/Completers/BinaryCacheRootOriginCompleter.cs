using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Catalog.Roots;
using NixStore.Catalog.Storage;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes the origins of the roots in the catalog that <c>-Catalog</c> names. Never throws.</summary>
public sealed class BinaryCacheRootOriginCompleter : IArgumentCompleter
{
    private const int MaximumResults = 100;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Complete((wordToComplete ?? "").Trim('\'', '"'), Locate($"{fakeBoundParameters?["Catalog"]}"), takesWildcards: !commandName.StartsWith("Add-", StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception)
        {
            // No catalog, or none that can be read: then there is nothing to propose, and nothing a prompt should say.
            return [];
        }
    }

    private static IReadOnlyList<CompletionResult> Complete(string word, string catalog, bool takesWildcards)
        => [.. RootSearch.Origins(CacheCatalog.Open(catalog)).Where(origin => origin.Origin.Contains(word, StringComparison.OrdinalIgnoreCase)).Take(MaximumResults)
            .Select(origin => new CompletionResult(
                $"'{CodeGeneration.EscapeSingleQuotedStringContent(takesWildcards ? WildcardPattern.Escape(origin.Origin) : origin.Origin)}'", origin.Origin,
                CompletionResultType.ParameterValue, $"{origin.Count:N0} roots"))];

    /// <summary>
    /// Relative directories count from PowerShell's location, as in the cmdlets. A script asks for it: the runspace itself does not tell while it runs
    /// something, as it does when it completes.
    /// </summary>
    private static string Locate(string catalog)
        => $"{ScriptBlock.Create("$ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($args[0])").Invoke(catalog)[0]}";
}
