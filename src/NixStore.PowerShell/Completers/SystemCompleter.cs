using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NixStore.PowerShell.Completers;

/// <summary>Completes the systems that most caches have.</summary>
public sealed class SystemCompleter : IArgumentCompleter
{
    private static readonly string[] s_systems = ["x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin", "i686-linux", "armv7l-linux"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        => s_systems.Where(system => system.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase)).Select(system => new CompletionResult(system));
}
