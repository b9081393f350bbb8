using System.Collections.Concurrent;
using System.Management.Automation;
using NixStore.PowerShell.Completers;

namespace NixStore.PowerShell.Commands;

/// <summary>The base of the cmdlets for the trash of a store: which things, by path or by collection.</summary>
public abstract class StoreTrashCommand : StoreCommand
{
    /// <summary>Name of the parameter set with <see cref="Path"/>.</summary>
    protected const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Which, by the path they had or its name; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>Which, by exactly the path they had.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Which, by the collection that put them there.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TrashIdCompleter))]
    public string[]? Id { get; set; }

    /// <summary>Errors that work on another thread has met; written by <see cref="WriteFailures"/>.</summary>
    private protected ConcurrentQueue<NixStoreException> Failures { get; } = new();

    /// <summary>Writes what has gathered in <see cref="Failures"/>.</summary>
    private protected void WriteFailures()
    {
        while (Failures.TryDequeue(out var error))
        {
            WriteError(error);
        }
    }

    /// <summary>Writes an error when something was named, without a wildcard, that is not in the trash.</summary>
    private protected void WriteErrorIfNothing(int found, string store)
    {
        var named = LiteralPath?[0] ?? Path?.FirstOrDefault(path => !WildcardPattern.ContainsWildcardCharacters(path)) ?? Id?[0];
        if (found == 0 && named is not null)
        {
            WriteError(new NixStoreException("TrashItemNotFound", StoreErrorKind.NotFound, $"'{named}' is not in the trash of {store}.", named,
                "Get-StoreTrash lists what is."));
        }
    }

    /// <summary>Makes the question whether something is among those that the parameters name for this record.</summary>
    private protected Func<StoreTrashItem, bool> MakeFilter()
    {
        var patterns = Array.ConvertAll(Path ?? [], pattern => WildcardPattern.Get(pattern, WildcardOptions.CultureInvariant));
        var (literal, ids) = (LiteralPath, Id);
        return item => (ids is null || ids.Contains(item.Id))
            && (literal is null || literal.Contains(item.Path))
            && (patterns.Length == 0 || Array.Exists(patterns, pattern => pattern.IsMatch(item.Path) || pattern.IsMatch(item.Name)));
    }
}
