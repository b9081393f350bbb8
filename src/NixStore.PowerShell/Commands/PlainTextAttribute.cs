using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>Takes text only: objects are refused, not made text of, so that binding goes on to their properties.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PlainTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        PSObject { BaseObject: not PSCustomObject } wrapped => Transform(engineIntrinsics, wrapped.BaseObject),
        null or string => inputData,
        System.Collections.IEnumerable list => list.Cast<object?>().Select(item => Transform(engineIntrinsics, item)).ToArray(),
        // This inner exception is how PowerShell's binder tells "not this parameter" from an error.
        _ => throw new ArgumentTransformationMetadataException($"{inputData.GetType()} is not text.", new PSInvalidCastException($"{inputData.GetType()} is not text.")),
    };
}
