using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// Makes links of what is bound to a parameter: of roots, generations and whatever else has a property Link that link, text as it is.
/// What has none is refused, so that binding goes on to its properties.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RootLinkAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        null or string => inputData,
        PSObject { BaseObject: string text } => text,
        PSObject { BaseObject: System.Collections.IEnumerable list } => Transform(engineIntrinsics, list),
        System.Collections.IEnumerable list => list.Cast<object>().Select(item => Transform(engineIntrinsics, item)).ToArray(),
        _ => PSObject.AsPSObject(inputData).Properties["Link"]?.Value as string
            // This inner exception is how PowerShell's binder tells "not this parameter" from an error.
            ?? throw new ArgumentTransformationMetadataException($"{inputData} is neither a link nor anything that has one.",
                new PSInvalidCastException($"{inputData} has no property Link.")),
    };
}
