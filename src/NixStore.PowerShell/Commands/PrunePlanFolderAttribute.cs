using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>Makes the folder of what is bound to a parameter: of a plan it is the one that it is in, text and files name theirs.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PrunePlanFolderAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        BinaryCachePrunePlan plan => plan.Plan,
        FileSystemInfo file => file.FullName,
        var other => other!,
    };
}
