using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Mounting;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes overlay stores: those that can be seen, by the directories they were made in, then directories. Never throws.</summary>
public sealed class OverlayStoreCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var word = (wordToComplete ?? "").Trim('\'', '"');
            return [.. OverlayFinder.Find(_ => { }).Select(OverlayStoreFactory.Create)
                .Select(store => (Text: store.Path ?? store.Store, store.Store)).Where(found => found.Text.StartsWith(word, StringComparison.Ordinal))
                .Select(found => new CompletionResult(
                    $"'{CodeGeneration.EscapeSingleQuotedStringContent(found.Text)}'", found.Text, CompletionResultType.ParameterValue, found.Store)),
                .. CompletionCompleters.CompleteFilename(word).Where(found => found.ResultType == CompletionResultType.ProviderContainer)];
        }
        catch (Exception)
        {
            // No permission, no /proc: then there is nothing to propose, and nothing a prompt should say.
            return [];
        }
    }
}
