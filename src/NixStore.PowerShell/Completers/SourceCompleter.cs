using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes <c>-Source</c> and <c>-BinaryCache</c>: the substituters of nix.conf, the schemes, then directories. Never throws.</summary>
public sealed class SourceCompleter : IArgumentCompleter
{
    private static readonly (string Text, string Tip)[] s_schemes =
    [
        ("file:///", "A binary cache in a directory"),
        ("https://", "A binary cache of a server"),
        ("s3://", "A binary cache in an S3 bucket"),
        ("local?root=", "Another store on this machine"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = (wordToComplete ?? "").Trim('\'', '"');
        var known = ReadSubstituters().Select(url => (Text: url, Tip: "A substituter of nix.conf")).Concat(s_schemes);
        return known.Where(source => source.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(source => new CompletionResult($"'{source.Text}'", source.Text, CompletionResultType.ParameterValue, source.Tip))
            .Concat(CompletionCompleters.CompleteFilename(word).Where(found => found.ResultType == CompletionResultType.ProviderContainer));
    }

    private static IReadOnlyList<string> ReadSubstituters()
    {
        try
        {
            return NixConfiguration.Load().Substituters;
        }
        catch (NixStoreException)
        {
            // A prompt is no place to complain about nix.conf; the cmdlet will.
            return [];
        }
    }
}
