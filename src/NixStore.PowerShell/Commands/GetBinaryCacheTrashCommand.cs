using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>Get-BinaryCacheTrash: what was pruned from a binary cache and can come back.</summary>
[Cmdlet(VerbsCommon.Get, "BinaryCacheTrash", DefaultParameterSetName = PathSet)]
[OutputType(typeof(BinaryCacheTrashItem), ParameterSetName = new[] { PathSet })]
[OutputType(typeof(BinaryCacheTrash), ParameterSetName = new[] { SummarySet })]
public sealed class GetBinaryCacheTrashCommand : BinaryCacheTrashCommand
{
    private const string PathSet = "Path";
    private const string SummarySet = "Summary";

    /// <summary>Wildcards for the name behind the hash. Upper and lower case differ.</summary>
    [Parameter(Position = 1, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Hash parts of 32 characters.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidatePattern("^[0-9abcdfghijklmnpqrsvwxyz]{32}$")]
    public string[] HashPart { get; set; } = [];

    /// <summary>One object for each plan, in the place of its paths.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SummarySet)]
    public SwitchParameter Summary { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        using var progress = NewProgress("Looking into the trash");
        Pump<object>(
            (emit, stop) =>
            {
                using var trash = OpenTrash(stop);
                foreach (var plan in PlansOf(trash, stop))
                {
                    if (Summary)
                    {
                        emit(trash.Summarize(plan, stop).GetAwaiter().GetResult());
                        continue;
                    }

                    foreach (var item in trash.Paths(plan, Name, HashPart, stop))
                    {
                        emit(item);
                    }
                }
            },
            WriteObject, progress);
    }
}
