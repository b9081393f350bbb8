using System.Management.Automation;
using System.Management.Automation.Language;
using NixStore.Engine.Generations;
using NixStore.Engine.Stores;

namespace NixStore.PowerShell.Completers;

/// <summary>
/// Completes profiles of the store that <c>-Store</c> names: by name, or by path where several have the same name. Never throws.
/// </summary>
public sealed class ProfileCompleter : InStoreCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    private protected override IReadOnlyList<CompletionResult> Complete(string word, StoreLocation store)
    {
        using var patience = new CancellationTokenSource(s_patience);
        var profiles = new StoreProfiles(store).Find(patience.Token);
        return [.. profiles.Select(profile => (Text: profiles.Count(other => other.Name == profile.Name) == 1 ? profile.Name : profile.Path, profile.Path))
            .Where(found => found.Text.StartsWith(word, StringComparison.Ordinal) || found.Path.StartsWith(word, StringComparison.Ordinal))
            .Select(found => (Text: word.Contains('/') ? found.Path : found.Text, found.Path))
            .Select(found => new CompletionResult(Quote(found.Text), found.Text, CompletionResultType.ParameterValue, found.Path))];
    }

    private static string Quote(string text)
        => text.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '-' or '_' or '.')
            ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
