using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// Makes text for <c>-Path</c> of what is bound to it, without ever making a pattern of a name: objects that stand for one path are
/// escaped, and objects that are no path (a store, a number) are refused, so that binding goes on to their properties.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StorePathTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        PSObject { BaseObject: not PSCustomObject } wrapped => Transform(engineIntrinsics, wrapped.BaseObject),
        null or string => inputData,
        StorePathInfo or StorePathRepair or StorePath or StoreGarbage or FileSystemInfo => WildcardPattern.Escape(inputData.ToString()!),
        System.Collections.IEnumerable list => list.Cast<object>().Select(item => Transform(engineIntrinsics, item)).ToArray(),
        // This inner exception is how PowerShell's binder tells "not this parameter" from an error.
        _ => throw new ArgumentTransformationMetadataException($"{inputData.GetType()} is not a store path.",
            new PSInvalidCastException($"{inputData.GetType()} is not a store path.")),
    };
}
