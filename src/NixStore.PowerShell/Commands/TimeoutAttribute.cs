using System.Globalization;
using System.Management.Automation;

namespace NixStore.PowerShell.Commands;

/// <summary>Makes a time span of what is bound to a parameter: numbers are seconds, where PowerShell itself would make them ticks.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeoutAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var span = value switch
        {
            TimeSpan given => given,
            string text when !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => LanguagePrimitives.ConvertTo<TimeSpan>(text),
            _ => TimeSpan.FromSeconds(LanguagePrimitives.ConvertTo<double>(value)),
        };
        return span >= TimeSpan.Zero ? span : throw new ArgumentTransformationMetadataException("A timeout cannot be negative; leave it out to wait as long as it takes.");
    }
}
