using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes <c>-Store</c>: the well-known URLs, then directories.</summary>
public sealed class StoreCompleter : IArgumentCompleter
{
    private static readonly (string Text, string Tip)[] s_known =
    [
        ("auto", "The store Nix itself would use"),
        ("local", "The store of this machine, /nix/store"),
        ("local?root=", "A store below another root, for example of a mounted system"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = (wordToComplete ?? "").Trim('\'', '"');
        foreach (var (text, tip) in s_known.Where(known => known.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase)))
        {
            yield return new CompletionResult($"'{text}'", text, CompletionResultType.ParameterValue, tip);
        }

        foreach (var directory in CompletionCompleters.CompleteFilename(word).Where(found => found.ResultType == CompletionResultType.ProviderContainer))
        {
            yield return directory;
        }
    }
}
