using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>
/// Makes a time span of what is bound to a parameter: <c>10min</c>, <c>1h 30min</c>, <c>01:30:00</c>. A number without a unit is refused, which
/// PowerShell itself would make ticks.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        try
        {
            return (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
            {
                TimeSpan span when span >= TimeSpan.Zero => span,
                null => StoreDuration.Parse(""),

                // What was typed, as 10d is a decimal number to PowerShell.
                _ => StoreDuration.Parse(LanguagePrimitives.ConvertTo<string>(inputData)),
            };
        }
        catch (NixStoreException error)
        {
            throw new ArgumentTransformationMetadataException($"{error.Message} {error.Remedy}", error);
        }
    }
}
