package io.concord.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

final class InvalidConcordConfigurationFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidConcordConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidConcordConfigurationException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.getAction(), cause);
	}

}
